// Package e2e is nothing but tests. They run the program, as it is built, as a
// process of its own: on a terminal or with pipes, with real npms (8, 11
// and 12, seldom 10), against registries on 127.0.0.1. What they need is installed
// into .cache at the root of the repository. With -short none of them runs.
//
//	go test ./runner/e2e                               all but the fault suite
//	go test ./runner/e2e -run 'TestRealStaged/npm12'   one test, with one npm
//	go test -tags faults ./runner/e2e -run TestFaults  the fault suite
//
// A commit is tested with one case of each kind, and with few rows of each matrix.
// With -count=1 and SAFEPUBLISH_TEST_WHOLE=pairs every case is run, and every two
// values of a matrix meet; SAFEPUBLISH_TEST_WHOLE=1 runs every combination, for hours.
//
// What the tests share stands in project_test.go (a package, its home and its
// environment; ways to run the program), terminal_test.go (a person at a terminal),
// registry_test.go (what the package is published to) and pairwise_test.go (few rows
// of a large matrix).
package e2e
