package httpapi

import "github.com/danielgtaylor/huma/v2"

// describeForClients says what the handlers' types do not, and what a client that is made from
// the description would otherwise have to guess: lists are never null, and what an event is.
func describeForClients(api *huma.OpenAPI) {
	schemas := api.Components.Schemas
	schemas.Schema(typeOf[Event](), true, "Event")
	for _, schema := range schemas.Map() {
		listsAreNeverNull(schema)
	}
	for _, path := range api.Paths {
		for _, operation := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if operation == nil {
				continue
			}
			for _, parameter := range operation.Parameters {
				listsAreNeverNull(parameter.Schema)
			}
		}
	}
}

func listsAreNeverNull(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if schema.Type == huma.TypeArray {
		schema.Nullable = false
	}
	listsAreNeverNull(schema.Items)
	for _, property := range schema.Properties {
		listsAreNeverNull(property)
	}
	if more, is := schema.AdditionalProperties.(*huma.Schema); is {
		listsAreNeverNull(more)
	}
}
