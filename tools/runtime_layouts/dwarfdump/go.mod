module goshawk.example/dwarfdump

go 1.19
