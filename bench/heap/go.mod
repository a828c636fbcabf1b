module goshawk.example/heap

go 1.19
