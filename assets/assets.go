// Package assets holds what is built into the program: files, not code.
package assets

import _ "embed"

// SampleSQL fills the sample sandbox: a small shop with customers, orders, events and pictures.
//
//go:embed sample/shop.sql
var SampleSQL string
