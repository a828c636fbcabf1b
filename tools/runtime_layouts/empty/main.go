// A program that does nothing: what its debug information describes, that of every program does.
package main

func main() {}
