package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientauthentication "k8s.io/client-go/pkg/apis/clientauthentication/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// runCredential is an exec credential plugin: it prints the token of token.conf.
// Each run is noted in DIR/credential.count, a line each, so that a test can see
// how often a client asks.
func runCredential(_ context.Context, args []string) error {
	set, dir := flags("credential")
	if err := set.Parse(args); err != nil {
		return err
	}
	l, err := openLab(*dir)
	if err != nil {
		return err
	}
	token, err := tokenIn(l.path(tokenConf))
	if err != nil {
		return err
	}
	count, err := os.OpenFile(l.path("credential.count"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer count.Close()
	if _, err := fmt.Fprintln(count, time.Now().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	return printCredential(os.Stdout, token, time.Now().Add(time.Hour))
}

// tokenIn is the token of a kubeconfig's only user.
func tokenIn(file string) (string, error) {
	config, err := clientcmd.LoadFromFile(file)
	if err != nil {
		return "", err
	}
	for _, user := range config.AuthInfos {
		if user.Token != "" {
			return user.Token, nil
		}
	}
	return "", fmt.Errorf("%s holds no token", file)
}

// printCredential writes what client-go and kube expect of a credential plugin.
func printCredential(w io.Writer, token string, until time.Time) error {
	expires := metav1.NewTime(until)
	return json.NewEncoder(w).Encode(clientauthentication.ExecCredential{
		TypeMeta: metav1.TypeMeta{APIVersion: "client.authentication.k8s.io/v1", Kind: "ExecCredential"},
		Status:   &clientauthentication.ExecCredentialStatus{Token: token, ExpirationTimestamp: &expires},
	})
}
