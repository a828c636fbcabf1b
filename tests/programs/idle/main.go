// Goroutines that are idle for long and are right to be, beside such as are stuck in the same place.
package main

import "goshawk.test/programs/truth"

func init() {
	truth.Correct("set_again_later", setAgainLater)
	truth.Program("subscribers_of_a_hub", subscribersOfAHub)
}

func main() { truth.Main() }
