module goshawk.example/hello

go 1.19
