module goshawk.example/empty

go 1.19
