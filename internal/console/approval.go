package console

// approvalRoutes are those of approving, of following what happens, and of its evidence.
func (s *server) approvalRoutes() []route { return nil }
