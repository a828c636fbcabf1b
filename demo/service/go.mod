module goshawk.example/demo

go 1.19
