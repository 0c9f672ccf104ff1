package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// runServe is what answers behind every port of every pod, for port-forward.
// /slow takes five seconds, /big is a megabyte; all else tells what was asked.
func runServe(ctx context.Context, args []string) error {
	set, _ := flags("serve")
	address := set.String("address", "127.0.0.1:0", "where to listen")
	if err := set.Parse(args); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(5 * time.Second)
		fmt.Fprintln(w, "at last")
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, 1<<20))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "kw-lab %s %s\n", r.Method, r.URL.Path)
	})
	server := &http.Server{Addr: *address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
