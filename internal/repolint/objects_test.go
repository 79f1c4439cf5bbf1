package repolint

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// objects are the types that commands print for scripts, by kind, as the source has them.
type objects map[string][]types.Type

// listed is a package as go list tells of it.
type listed struct {
	ImportPath, Export, Dir string
	GoFiles                 []string
}

// printedObjects reads the commands' source for what is printed as an object of which kind.
func printedObjects(t *testing.T) objects {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles", "./cmd/payrun")
	list.Dir, list.Stderr = root, os.Stderr
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]listed{}
	for packages := json.NewDecoder(strings.NewReader(string(text))); ; {
		var one listed
		if err := packages.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all[one.ImportPath] = one
	}
	files := token.NewFileSet()
	exported := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	found := objects{}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(path, module+"/cmd/") {
			found.readPackage(t, files, exported, all[path])
		}
	}
	return found
}

func (o objects) readPackage(t *testing.T, files *token.FileSet, imports types.Importer, one listed) {
	t.Helper()
	var parsed []*ast.File
	for _, name := range one.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(one.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	if _, err := (&types.Config{Importer: imports}).Check(one.ImportPath, files, parsed, &info); err != nil {
		t.Fatal(err)
	}
	for _, file := range parsed {
		ast.Inspect(file, func(node ast.Node) bool {
			call, isCall := node.(*ast.CallExpr)
			if !isCall || !printsObject(call.Fun) {
				return true
			}
			if kind := info.Types[call.Args[0]].Value; kind != nil {
				name := constant.StringVal(kind)
				o[name] = append(o[name], info.Types[call.Args[1]].Type)
			}
			return true
		})
	}
}

// printsObject reports whether an expression is the function that prints an object, or the
// one that gives it its kind.
func printsObject(fun ast.Expr) bool {
	switch fun := fun.(type) {
	case *ast.SelectorExpr:
		return fun.Sel.Name == "PrintObject"
	case *ast.Ident:
		return fun.Name == "withKind"
	}
	return false
}

// keyOf is a value that a struct prints under one key.
type keyOf struct {
	typ types.Type
	// optional is true of a key that is left out for nothing.
	optional bool
}

// keysOf lists what a struct prints. Those of embedded ones are its own, unless it has them
// itself.
func keysOf(s *types.Struct) map[string]keyOf {
	own, inherited := map[string]keyOf{}, map[string]keyOf{}
	for i := range s.NumFields() {
		f := s.Field(i)
		name, options, _ := strings.Cut(reflect.StructTag(s.Tag(i)).Get("json"), ",")
		inner, isStruct := f.Type().Underlying().(*types.Struct)
		switch {
		case name == "-":
		case f.Embedded() && name == "" && isStruct:
			maps.Copy(inherited, keysOf(inner))
		case f.Exported():
			if name == "" {
				name = f.Name()
			}
			own[name] = keyOf{f.Type(), strings.Contains(options, "omit")}
		}
	}
	maps.Copy(inherited, own)
	return inherited
}

// writesItself reports whether a type says itself what it is in JSON.
func writesItself(t types.Type) bool {
	for _, name := range []string{"MarshalJSON", "MarshalText"} {
		method, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if _, is := method.(*types.Func); is {
			return true
		}
	}
	return false
}

// wordsOf lists the constants of a named type of strings, but for the empty one; none for
// another type.
func wordsOf(t types.Type) []string {
	named, isNamed := t.(*types.Named)
	basic, isBasic := t.Underlying().(*types.Basic)
	if !isNamed || !isBasic || basic.Kind() != types.String {
		return nil
	}
	var words []string
	scope := named.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		c, is := scope.Lookup(name).(*types.Const)
		if is && types.Identical(c.Type(), t) && constant.StringVal(c.Val()) != "" {
			words = append(words, constant.StringVal(c.Val()))
		}
	}
	return words
}
