package session

import (
	"os"
	"os/user"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
	"payrun/ledger/anchor"
)

// Opener opens ledgers and providers by the settings of one invocation.
type Opener struct {
	*settings.Settings
	// Version of payrun, for those who read measurements.
	Version string
}

// Actor is the person at the keyboard, as far as the system tells.
func Actor(confirmed service.Confirmation) service.Actor {
	by := service.Actor{Confirmed: confirmed}
	if who, err := user.Current(); err == nil {
		by.Person = who.Username
	}
	if host, err := os.Hostname(); err == nil {
		by.Host = host
	}
	return by
}

// Books is the service over a ledger alone, for what asks no provider. Anchors are nil for
// what signs nothing.
func (o *Opener) Books(store ledger.Store, anchors *anchor.Folder) *service.Service {
	return service.New(service.Config{Ledger: store, Anchors: anchors, Log: *o.Logger()})
}
