package console

import "payrun/internal/catalogue"

// WordProblem words a problem as a page does.
func WordProblem(words *catalogue.Catalogue, p catalogue.Finding) (message, hint string) {
	return wordProblem(words, p)
}
