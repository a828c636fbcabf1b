module goshawk.example/gap

go 1.19
