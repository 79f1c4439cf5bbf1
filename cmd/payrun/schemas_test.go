package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemasPlace names the folder of the published schemas to a payrun of a script.
const schemasPlace = "SCHEMAS"

// exitUnlikeSchema ends a payrun of a script whose object its schema does not describe.
const exitUnlikeSchema = 99

// checked is payrun as scripts call it: every object that it prints with --output json is
// held against the schema of its kind.
func checked() {
	folder, inScript := os.LookupEnv(schemasPlace)
	if !inScript || !asksForJSON(os.Args[1:]) {
		main()
		return
	}
	env := system()
	var printed bytes.Buffer
	env.stdout = io.MultiWriter(os.Stdout, &printed)
	code := run(os.Args[1:], env)
	if err := likeItsSchema(folder, &printed); err != nil {
		fmt.Fprintf(os.Stderr, "payrun %s: %v\n", strings.Join(os.Args[1:], " "), err)
		code = exitUnlikeSchema
	}
	os.Exit(code) //nolint:forbidigo // it stands for the program
}

// asksForJSON reports whether a command line, or the environment, wants objects. What a
// shell is offered and what help says are none.
func asksForJSON(args []string) bool {
	if slices.ContainsFunc(args, func(arg string) bool {
		return arg == "--help" || arg == "completion" || arg == "export" || arg == "__complete"
	}) {
		return false
	}
	line := strings.Join(args, " ")
	return os.Getenv("PAYRUN_OUTPUT") == "json" || strings.Contains(line, "--output json") || strings.Contains(line, "--output=json")
}

// likeItsSchema holds each object of a stream against the schema of its kind.
func likeItsSchema(folder string, printed io.Reader) error {
	schemas, err := schemasByKind(folder)
	if err != nil {
		return err
	}
	objects := json.NewDecoder(printed)
	for {
		var text json.RawMessage
		if err := objects.Decode(&text); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("it printed something that is no JSON: %w", err)
		}
		object, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		keys, isObject := object.(map[string]any)
		if !isObject {
			return fmt.Errorf("it printed %s, which is no object", text)
		}
		kind, _ := keys["kind"].(string)
		if schemas[kind] == nil {
			return fmt.Errorf("its kind %q has no schema", kind)
		}
		if err := schemas[kind].Validate(object); err != nil {
			return fmt.Errorf("kind %q: %w", kind, err)
		}
	}
}

// kindOfAFile is the kind of an object that no command prints: it lies in a folder of evidence.
const kindOfAFile = "evidence"

// schemasByKind reads the schemas of a folder that are of one kind of object each.
func schemasByKind(folder string) (map[string]*jsonschema.Schema, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.schema.json"))
	if err != nil {
		return nil, err
	}
	byKind := map[string]*jsonschema.Schema{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var schema struct {
			Properties struct {
				Kind struct {
					Const string `json:"const"`
				} `json:"kind"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(text, &schema); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		kind := schema.Properties.Kind.Const
		if kind == "" || kind == kindOfAFile {
			continue
		}
		if byKind[kind] != nil {
			return nil, fmt.Errorf("%s: the kind %q has another schema already", file, kind)
		}
		if byKind[kind], err = jsonschema.NewCompiler().Compile(file); err != nil {
			return nil, err
		}
	}
	return byKind, nil
}

// TestEveryKindHasASchema: those that object.schema.json lists, and no other.
func TestEveryKindHasASchema(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "schema")
	schemas, err := schemasByKind(folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "object.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		Properties struct {
			Kind struct {
				Enum []string `json:"enum"`
			} `json:"kind"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	for _, kind := range object.Properties.Kind.Enum {
		if schemas[kind] == nil {
			t.Errorf("the kind %q has no schema", kind)
		}
	}
	for kind := range schemas {
		if !slices.Contains(object.Properties.Kind.Enum, kind) {
			t.Errorf("object.schema.json does not list the kind %q", kind)
		}
	}
}
