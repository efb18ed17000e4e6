// Package assets holds what is built into the program: files, not code.
package assets

import (
	"embed"
)

// SampleSQL fills the sample sandbox: a small shop with customers, orders, events and pictures.
//
//go:embed sample/shop.sql
var SampleSQL string

//go:embed icons/*.svg
var icons embed.FS

// Icon gives an icon as SVG, filled shapes only: "holdfast", or for the tray "tray-idle",
// "tray-running", "tray-ok", "tray-overdue", "tray-attention", "tray-failed", "tray-paused"; their
// shapes differ, not their colours alone. Another name gives nil.
func Icon(name string) []byte {
	text, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return text
}

// Translations are the texts by language, as fyne's lang package reads them: the folder
// "translations" with en.json and others.
//
//go:embed translations/*.json
var Translations embed.FS

// Units are the systemd units of a user, as a package installs them: the folder "systemd". The
// program is /usr/bin/holdfast in them.
//
//go:embed systemd/*
var Units embed.FS
