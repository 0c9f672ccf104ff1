package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// object is one of a kind that client-go has no type for.
type object = map[string]any

// apply makes an object, or changes it, by server-side apply.
func apply(ctx context.Context, client kubernetes.Interface, path string, o object) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return client.Discovery().RESTClient().Patch(types.ApplyPatchType).AbsPath(path).
		Param("fieldManager", "kw-lab").Param("force", "true").Body(data).Do(ctx).Error()
}

// boats makes a kind of the lab's own, with columns of its own, and some of it.
func (g *gallery) boats(ctx context.Context) error {
	column := func(name, kind, path string, priority int) object {
		return object{"name": name, "type": kind, "jsonPath": path, "priority": priority}
	}
	property := func(kind string) object { return object{"type": kind} }
	definition := object{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": object{"name": "boats.lab.kittiwake"},
		"spec": object{
			"group": "lab.kittiwake", "scope": "Namespaced",
			"names": object{"plural": "boats", "singular": "boat", "kind": "Boat", "shortNames": []string{"bo"}, "categories": []string{"fleet"}},
			"versions": []object{{
				"name": "v1", "served": true, "storage": true,
				"subresources": object{"status": object{}, "scale": object{"specReplicasPath": ".spec.crew", "statusReplicasPath": ".status.aboard"}},
				"schema": object{"openAPIV3Schema": object{"type": "object", "properties": object{
					"spec":   object{"type": "object", "properties": object{"home": property("string"), "crew": property("integer"), "launched": object{"type": "string", "format": "date-time"}}},
					"status": object{"type": "object", "properties": object{"aboard": property("integer"), "afloat": property("boolean")}},
				}}},
				"additionalPrinterColumns": []object{
					column("Home", "string", ".spec.home", 0), column("Crew", "integer", ".spec.crew", 0), column("Afloat", "boolean", ".status.afloat", 0),
					column("Launched", "date", ".spec.launched", 0), column("Aboard", "integer", ".status.aboard", 1), column("Age", "date", ".metadata.creationTimestamp", 0),
				},
			}},
		},
	}
	if err := apply(ctx, g.client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.lab.kittiwake", definition); err != nil {
		return err
	}
	for name, spec := range map[string]object{
		"gull": {"home": "Kiel", "crew": 3, "launched": "2019-05-04T10:00:00Z"}, "tern": {"home": "Bergen", "crew": 12}, "skua": {},
	} {
		if err := g.boat(ctx, name, spec); err != nil {
			return err
		}
	}
	return nil
}

// boat waits for its kind, which the API server takes a moment to serve.
func (g *gallery) boat(ctx context.Context, name string, spec object) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	boat := object{"apiVersion": "lab.kittiwake/v1", "kind": "Boat", "metadata": object{"name": name, "namespace": galleryNamespace}, "spec": spec}
	path := "/apis/lab.kittiwake/v1/namespaces/" + galleryNamespace + "/boats/" + name
	var last error
	return poll(ctx, 100*time.Millisecond, func() (bool, error) {
		last = apply(ctx, g.client, path, boat)
		if apierrors.IsNotFound(last) || apierrors.IsServiceUnavailable(last) {
			return false, nil
		}
		return last == nil, last
	}, func() error { return fmt.Errorf("boat %s: %w", name, last) })
}
