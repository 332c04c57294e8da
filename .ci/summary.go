// Summary reads the output of go test -json and prints a line for each package,
// the whole output of each test that failed, why tests were skipped, and how
// many there were. It ends with 1 if a test failed, or none ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

type summary struct {
	output map[string][]string // of each test and package
	parent map[string]bool     // tests that have subtests: they are not counted
	last   map[string]string   // how each test ended
	order  []string
	broken int // packages that failed outside of any test
}

func main() {
	s := &summary{output: map[string][]string{}, parent: map[string]bool{}, last: map[string]string{}}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Println(in.Text())
			continue
		}
		s.add(e)
	}
	if !s.end() || in.Err() != nil {
		os.Exit(1)
	}
}

func (s *summary) add(e event) {
	name := e.Package + "." + e.Test
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		s.output[name] = append(s.output[name], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e)
			return
		}
		s.order, s.last[name] = append(s.order, name), e.Action
		if i := strings.LastIndex(e.Test, "/"); i > 0 {
			s.parent[e.Package+"."+e.Test[:i]] = true
		}
		if e.Action != "pass" {
			s.print(name)
		}
		delete(s.output, name)
	}
}

func (s *summary) print(name string) {
	for _, line := range s.output[name] {
		if !strings.HasPrefix(strings.TrimSpace(line), "===") {
			fmt.Print(line)
		}
	}
}

func (s *summary) endPackage(e event) {
	if e.Action == "fail" {
		s.print(e.Package + ".")
		s.broken++
		// A panic, or a time limit, ends a package in the middle of a test.
		for name := range s.output {
			if strings.HasPrefix(name, e.Package+".") && name != e.Package+"." {
				s.print(name)
			}
		}
	}
	if e.Action != "skip" { // no test files
		fmt.Printf("%-5s %s  %.1fs\n", map[string]string{"pass": "ok", "fail": "FAIL"}[e.Action], e.Package, e.Elapsed)
	}
	for name := range s.output {
		if strings.HasPrefix(name, e.Package+".") {
			delete(s.output, name)
		}
	}
}

// end prints the totals and tells whether all is well.
func (s *summary) end() bool {
	count, npm, verdaccio := map[string]int{}, 0, 0
	for _, name := range s.order {
		if s.parent[name] && s.last[name] != "fail" {
			continue
		}
		count[s.last[name]]++
		if s.last[name] == "pass" && strings.Contains(name, ".TestVerdaccio") {
			verdaccio++
		} else if s.last[name] == "pass" && strings.Contains(name, ".TestReal") {
			npm++
		}
	}
	if s.broken > 0 && count["fail"] == 0 {
		count["fail"] = s.broken
	}
	fmt.Printf("\n%d of them ran real npm, %d more real npm and Verdaccio\n", npm, verdaccio)
	fmt.Printf("%d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"])
	return count["fail"] == 0 && count["pass"] > 0
}
