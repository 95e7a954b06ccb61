//go:build !go1.24

// Go before 1.24 has no roots.
package main

func roots(string) {}
