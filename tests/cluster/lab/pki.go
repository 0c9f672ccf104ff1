package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Names that the API server's certificate is valid for. "localhost" is not among
// them on purpose: a client that connects to localhost must use tls-server-name
// serverName, or be refused.
const serverName = "kw-lab.internal"

// certificate is one certificate and its key, as PEM.
type certificate struct{ cert, key []byte }

// subject is what a certificate is for.
type subject struct {
	name   string   // of the user, or of the server
	groups []string // of the user
	server bool
	// expired certificates ended an hour ago; all others are valid for ten years.
	expired bool
	// rsa makes a 2048 bit RSA key in the PKCS #1 form; else it is P-256 in the
	// SEC 1 form. Both occur in the kubeconfigs that people have.
	rsa bool
}

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-24 * time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert: cert, key: key, pem: encode("CERTIFICATE", der)}, err
}

func (a *authority) issue(s subject) (*certificate, error) {
	key, keyPEM, err := newKey(s.rsa)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: s.name, Organization: s.groups},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if s.server {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(firstServiceIP)}
		template.DNSNames = []string{serverName, "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	}
	if s.expired {
		template.NotAfter = time.Now().Add(-time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", s.name, err)
	}
	return &certificate{cert: encode("CERTIFICATE", der), key: keyPEM}, nil
}

func newKey(asRSA bool) (crypto.Signer, []byte, error) {
	if asRSA {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, nil, err
		}
		return key, encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	return key, encode("EC PRIVATE KEY", der), err
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the system has no randomness: nothing can go on
	}
	return n
}

// credentials are the certificates that kubeconfigs are made from.
type credentials struct {
	ca, otherCA            *authority
	admin, viewer, expired *certificate
}

// writePKI makes all keys and certificates of a new lab in pki/.
func (l *Lab) writePKI() (*credentials, error) {
	ca, err := newAuthority("kw-lab-ca")
	if err != nil {
		return nil, err
	}
	other, err := newAuthority("some-other-ca")
	if err != nil {
		return nil, err
	}
	subjects := map[string]subject{
		"apiserver":   {name: "kube-apiserver", server: true},
		"kubelet":     {name: "kubelet", server: true},
		"front-proxy": {name: "front-proxy"},
		"admin":       {name: "admin", groups: []string{"system:masters"}, rsa: true},
		"viewer":      {name: "viewer"},
		"expired":     {name: "admin", groups: []string{"system:masters"}, expired: true},
	}
	issued := map[string]*certificate{}
	for file, s := range subjects {
		c, err := ca.issue(s)
		if err != nil {
			return nil, err
		}
		if err := l.writePair(file, c); err != nil {
			return nil, err
		}
		issued[file] = c
	}
	_, serviceAccountKey, err := newKey(true)
	if err != nil {
		return nil, err
	}
	for file, data := range map[string][]byte{
		"ca.crt": ca.pem, "other-ca.crt": other.pem, "service-account.key": serviceAccountKey,
	} {
		if err := writeFile(l.path("pki", file), data, 0o600); err != nil {
			return nil, err
		}
	}
	return &credentials{ca, other, issued["admin"], issued["viewer"], issued["expired"]}, nil
}

func (l *Lab) writePair(name string, c *certificate) error {
	if err := writeFile(l.path("pki", name+".crt"), c.cert, 0o644); err != nil {
		return err
	}
	return writeFile(l.path("pki", name+".key"), c.key, 0o600)
}
