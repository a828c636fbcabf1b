module goshawk.example/parked

go 1.19
