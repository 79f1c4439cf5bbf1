package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/packages"
)

// mutant is one change that can be chosen.
type mutant struct {
	id     int
	at     token.Position
	kind   string
	source string // the line
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d %s: %s", filepath.Base(m.at.Filename), m.at.Line, m.at.Column, m.kind, m.source)
}

// mutated is a package with all its mutants in it.
type mutated struct {
	path, name, folder string
	mutants            []mutant
	// files are the sources, by the paths of the originals.
	files map[string][]byte
}

// mutate reads a package and changes it.
func mutate(ctx context.Context, pattern string) (*mutated, error) {
	found, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo |
			packages.NeedImports | packages.NeedDeps,
	}, pattern)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d packages, want one", len(found))
	}
	p := found[0]
	for _, problem := range p.Errors {
		return nil, problem
	}
	m := &mutated{path: p.PkgPath, name: p.Name, folder: p.Dir, files: map[string][]byte{}}
	for _, file := range p.Syntax {
		r := &rewriter{mutated: m, fset: p.Fset, info: p.TypesInfo, conditions: map[ast.Expr]bool{}}
		if err := r.file(file); err != nil {
			return nil, err
		}
	}
	if len(m.mutants) == 0 {
		return nil, errors.New("nothing to change")
	}
	return m, nil
}

// rewriter changes one file.
type rewriter struct {
	*mutated
	fset  *token.FileSet
	info  *types.Info
	lines []string
	// conditions are those of an if that are no comparison.
	conditions map[ast.Expr]bool
}

func (r *rewriter) file(file *ast.File) error {
	name := r.fset.Position(file.Package).Filename
	source, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	r.lines = strings.Split(string(source), "\n")
	before := len(r.mutants)
	astutil.Apply(file, r.enter, r.leave)
	if len(r.mutants) == before {
		return nil
	}
	// A comment that moved may change what it is about; only directives do anything.
	file.Comments = keepDirectives(file.Comments)
	var text bytes.Buffer
	if err := format.Node(&text, r.fset, file); err != nil {
		return err
	}
	r.files[name] = text.Bytes()
	return nil
}

func keepDirectives(comments []*ast.CommentGroup) []*ast.CommentGroup {
	var kept []*ast.CommentGroup
	for _, group := range comments {
		if strings.HasPrefix(group.List[0].Text, "//go:") {
			kept = append(kept, group)
		}
	}
	return kept
}

// enter passes over what is a constant, and notes conditions before they are changed.
func (r *rewriter) enter(c *astutil.Cursor) bool {
	if e, is := c.Node().(ast.Expr); is && r.info.Types[e].Value != nil {
		return false
	}
	if s, is := c.Node().(*ast.IfStmt); is {
		switch s.Cond.(type) {
		case *ast.UnaryExpr, *ast.Ident, *ast.CallExpr, *ast.SelectorExpr:
			r.conditions[s.Cond] = r.isBool(s.Cond)
		}
	}
	return true
}

func (r *rewriter) isBool(e ast.Expr) bool {
	basic, is := r.info.Types[e].Type.(*types.Basic)
	return is && basic.Info()&types.IsBoolean != 0
}

func (r *rewriter) isNumber(e ast.Expr) bool {
	if _, is := r.info.Types[e].Type.(*types.TypeParam); is || r.info.Types[e].Type == nil {
		return false
	}
	basic, is := r.info.Types[e].Type.Underlying().(*types.Basic)
	return is && basic.Info()&(types.IsInteger|types.IsFloat) != 0
}

// leave changes an expression whose parts were changed.
func (r *rewriter) leave(c *astutil.Cursor) bool {
	switch n := c.Node().(type) {
	case *ast.BinaryExpr:
		if e := r.binary(n); e != ast.Expr(n) {
			c.Replace(e)
		}
	case *ast.IncDecStmt:
		if c.Index() >= 0 {
			c.Replace(r.step(n))
		}
	case ast.Expr:
		if r.conditions[n] {
			c.Replace(r.negated(n, n.Pos(), "condition"))
		}
	}
	return true
}

// binary returns what an expression becomes. Each operand is evaluated as often as before.
func (r *rewriter) binary(n *ast.BinaryExpr) ast.Expr {
	switch n.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		if !r.isBool(n) {
			return n
		}
		bounded := call(names[n.Op], r.add(n.OpPos, "boundary of "+n.Op.String()), n.X, n.Y)
		return r.negated(bounded, n.OpPos, n.Op.String())
	case token.EQL, token.NEQ:
		if !r.isBool(n) {
			return n
		}
		return r.negated(n, n.OpPos, n.Op.String())
	case token.LAND, token.LOR:
		if !r.isBool(n) {
			return n
		}
		return call(names[n.Op], r.add(n.OpPos, n.Op.String()), lazy(n.X), lazy(n.Y))
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		if !r.isNumber(n) || n.Op == token.REM && !r.isInteger(n) {
			return n
		}
		return call(names[n.Op], r.add(n.OpPos, n.Op.String()), n.X, n.Y)
	default:
		return n
	}
}

func (r *rewriter) isInteger(e ast.Expr) bool {
	return r.info.Types[e].Type.Underlying().(*types.Basic).Info()&types.IsInteger != 0
}

// step counts the other way round.
func (r *rewriter) step(n *ast.IncDecStmt) ast.Stmt {
	other := token.INC
	if n.Tok == token.INC {
		other = token.DEC
	}
	id := r.add(n.TokPos, n.Tok.String())
	return &ast.IfStmt{
		Cond: call("mutantOn", id),
		Body: &ast.BlockStmt{List: []ast.Stmt{&ast.IncDecStmt{X: n.X, Tok: other}}},
		Else: &ast.BlockStmt{List: []ast.Stmt{&ast.IncDecStmt{X: n.X, Tok: n.Tok}}},
	}
}

func (r *rewriter) negated(e ast.Expr, at token.Pos, what string) ast.Expr {
	id := r.add(at, "not "+what)
	return &ast.ParenExpr{X: &ast.BinaryExpr{X: &ast.ParenExpr{X: e}, Op: token.NEQ, Y: call("mutantOn", id)}}
}

func (r *rewriter) add(at token.Pos, kind string) int {
	id, position := len(r.mutants)+1, r.fset.Position(at)
	r.mutants = append(r.mutants, mutant{id, position, kind, strings.TrimSpace(r.lines[position.Line-1])})
	return id
}

// names are the functions that stand for operators.
var names = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantLessOrEqual", token.GTR: "mutantGreater", token.GEQ: "mutantGreaterOrEqual",
	token.LAND: "mutantAnd", token.LOR: "mutantOr",
	token.ADD: "mutantPlus", token.SUB: "mutantMinus", token.MUL: "mutantTimes", token.QUO: "mutantBy", token.REM: "mutantRemainder",
}

func call(function string, id int, operands ...ast.Expr) ast.Expr {
	number := &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(id)}
	return &ast.CallExpr{Fun: ast.NewIdent(function), Args: append([]ast.Expr{number}, operands...)}
}

func lazy(e ast.Expr) ast.Expr {
	result := &ast.FieldList{List: []*ast.Field{{Type: ast.NewIdent("bool")}}}
	return &ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{}, Results: result},
		Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ReturnStmt{Results: []ast.Expr{e}}}},
	}
}
