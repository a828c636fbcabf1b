module goshawk.example/probe

go 1.19
