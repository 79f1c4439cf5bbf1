package digitalpaye_test

import (
	"testing"

	"payrun/provider/digitalpaye"
	"payrun/provider/providertest"
)

func TestTheDriverIsFitForARegistry(t *testing.T) {
	t.Parallel()
	providertest.RunDriver(t, digitalpaye.Driver())
}
