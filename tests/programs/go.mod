module goshawk.test/programs

go 1.19
