//go:build race

package recorded

const raced = true
