// That it is here lets the Go files declare functions without a body.
