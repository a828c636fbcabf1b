// A program with plugins: goroutines whose code, globals and types are in modules that were loaded late. The plugins lie beside
// the executable, one NAME.so for each folder of plugins/.
package main

import (
	"os"
	"path/filepath"
	"plugin"

	"goshawk.test/programs/truth"
)

func main() { truth.Main() }

func init() {
	truth.Program("plugins", plugins)
}

func plugins(fixed bool) {
	executable, err := os.Executable()
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"first", "second"} {
		opened, err := plugin.Open(filepath.Join(filepath.Dir(executable), name+".so"))
		if err != nil {
			panic(err)
		}
		plant, err := opened.Lookup("Plant")
		if err != nil {
			panic(err)
		}
		plant.(func(bool))(fixed)
	}
}
