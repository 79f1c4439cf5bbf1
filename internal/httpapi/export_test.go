package httpapi

import (
	"maps"
	"slices"
)

// Undescribed lists the calls that the description does not have.
func Undescribed() []string { return slices.Sorted(maps.Keys(new(server).undescribed())) }
