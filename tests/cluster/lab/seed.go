package main

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// viewerNamespace is the only one in which the user "viewer" may do anything: read pods.
	viewerNamespace = "viewer-ns"
	// readerAccount, in kube-system, may read everything.
	readerAccount = "kw-token"
)

// seed makes the users' rights in a new lab.
func seed(ctx context.Context, client kubernetes.Interface) error {
	read := []string{"get", "list", "watch"}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: viewerNamespace}}
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "pod-viewer"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: read}},
	}
	roleBinding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "pod-viewer"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "pod-viewer"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "viewer"}},
	}
	clusterRole := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "kw-reader"},
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: read},
			{NonResourceURLs: []string{"*"}, Verbs: []string{"get"}},
		},
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: readerAccount}}
	clusterBinding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "kw-reader"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kw-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceSystem, Name: readerAccount}},
	}
	for _, step := range []func() error{
		func() error { return create(ctx, client.CoreV1().Namespaces().Create, namespace) },
		func() error { return create(ctx, client.RbacV1().Roles(viewerNamespace).Create, role) },
		func() error { return create(ctx, client.RbacV1().RoleBindings(viewerNamespace).Create, roleBinding) },
		func() error { return create(ctx, client.RbacV1().ClusterRoles().Create, clusterRole) },
		func() error { return create(ctx, client.RbacV1().ClusterRoleBindings().Create, clusterBinding) },
		func() error {
			return create(ctx, client.CoreV1().ServiceAccounts(metav1.NamespaceSystem).Create, account)
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("making the users' rights: %w", err)
		}
	}
	return nil
}

// issueToken asks for a token of the reader's account that is valid for a year.
func issueToken(ctx context.Context, client kubernetes.Interface) (string, error) {
	seconds := int64(365 * 24 * time.Hour / time.Second)
	answer, err := client.CoreV1().ServiceAccounts(metav1.NamespaceSystem).CreateToken(ctx, readerAccount,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("a token for %s: %w", readerAccount, err)
	}
	return answer.Status.Token, nil
}
