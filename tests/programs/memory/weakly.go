//go:build go1.24

package main

import "weak"

type parcel struct{ content [1000]byte }

var (
	parcels []*parcel
	weakly  []weak.Pointer[parcel]
)

func init() { keepers["weak"] = makeWeakPointers }

// Every second one is held by nothing else.
func makeWeakPointers(n int) interface{} {
	for i := 0; i < n; i++ {
		one := new(parcel)
		weakly = append(weakly, weak.Make(one), weak.Make(one))
		if i%2 == 0 {
			parcels = append(parcels, one)
		}
	}
	return true
}
