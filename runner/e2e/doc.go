// Package e2e is nothing but tests. They run the program, as it is built, as a
// process of its own: on a terminal or with pipes, with real npms of four majors,
// against registries on 127.0.0.1. Everything they need is installed into .cache at
// the root of the repository. With -short none of them runs.
//
//	go test ./runner/e2e                                        all but the fault suite
//	go test ./runner/e2e -run TestRealStaged                    one test
//	go test ./runner/e2e -run 'TestRealTwice/fate=lost,status=502,where=folder,then=same'   rows of a matrix
//	go test -tags faults ./runner/e2e -run TestFaults           the fault suite
//	SAFEPUBLISH_TEST_WHOLE=1 go test -timeout 48h ./runner/e2e -run 'TestReal(Scripts|Twice)$'   every combination
//
// What the tests share stands in project_test.go (a package, its home and its
// environment; ways to run the program), terminal_test.go (a person at a terminal),
// registry_test.go (what the package is published to) and pairwise_test.go (few rows
// of a large matrix).
package e2e
