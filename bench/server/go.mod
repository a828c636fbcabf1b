module goshawk.example/server

go 1.19
