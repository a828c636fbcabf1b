module goshawk.example/testruns

go 1.19
