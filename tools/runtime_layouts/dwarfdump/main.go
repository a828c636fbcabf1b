// dwarfdump BINARY writes, as JSON, every structure of a Go binary's debug information (size, and
// each field's name, offset, size and, when it is a structure or an array of them, that structure's
// name), the size of every named array, and the integer constants of its packages.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"io"
	"log"
	"os"
)

type field struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
	Struct string `json:"struct"`
}

type layout struct {
	Size   int64   `json:"size"`
	Fields []field `json:"fields"`
}

type facts struct {
	Types     map[string]layout `json:"types"`
	Constants map[string]int64  `json:"constants"`
}

func main() {
	file, err := elf.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	info, err := file.DWARF()
	if err != nil {
		log.Fatal(err)
	}
	found := facts{map[string]layout{}, map[string]int64{}}
	reader := info.Reader()
	for {
		entry, err := reader.Next()
		if err == io.EOF || entry == nil {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		found.add(info, entry)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		log.Fatal(err)
	}
}

func (f *facts) add(info *dwarf.Data, entry *dwarf.Entry) {
	name, _ := entry.Val(dwarf.AttrName).(string)
	switch entry.Tag {
	case dwarf.TagConstant:
		if value, ok := entry.Val(dwarf.AttrConstValue).(int64); ok {
			f.Constants[name] = value
		}
	case dwarf.TagStructType, dwarf.TagTypedef:
		t, err := info.Type(entry.Offset)
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		f.addType(name, t)
	}
}

func (f *facts) addType(name string, t dwarf.Type) {
	for {
		typedef, ok := t.(*dwarf.TypedefType)
		if !ok {
			break
		}
		t = typedef.Type
	}
	switch t := t.(type) {
	case *dwarf.StructType:
		l := layout{Size: t.ByteSize}
		for _, member := range t.Field {
			l.Fields = append(l.Fields, field{member.Name, member.ByteOffset, member.Type.Size(), structName(member.Type)})
		}
		f.Types[name] = l
	case *dwarf.ArrayType:
		f.Types[name] = layout{Size: t.Size()}
	}
}

// The structure that a field is, or is an array of; "" for anything else.
func structName(t dwarf.Type) string {
	for {
		switch u := t.(type) {
		case *dwarf.TypedefType:
			t = u.Type
		case *dwarf.ArrayType:
			t = u.Type
		case *dwarf.StructType:
			return u.StructName
		default:
			return ""
		}
	}
}
