/// The built-in types in the notation that `TypeCatalog` reads.
enum TypeNotation {
    static let metadata = """
        ObjectMeta
         name string
         generateName string
         namespace string
         selfLink string
         uid string
         resourceVersion string
         generation int64
         creationTimestamp time
         deletionTimestamp time
         deletionGracePeriodSeconds int64 ?
         labels {string}
         annotations {string}
         ownerReferences [OwnerReference] @uid
         finalizers [string] @set
         managedFields [ManagedFieldsEntry]
        OwnerReference
         apiVersion string ! *
         kind string ! *
         name string ! *
         uid string ! *
         controller bool ?
         blockOwnerDeletion bool ?
        ManagedFieldsEntry
         manager string
         operation string
         apiVersion string
         time time
         fieldsType string
         fieldsV1 any
         subresource string
        ListMeta
         selfLink string
         resourceVersion string
         continue string
         remainingItemCount int64 ?
        LabelSelector
         matchLabels {string}
         matchExpressions [LabelSelectorRequirement]
        LabelSelectorRequirement
         key string ! *
         operator string ! *
         values [string]
        Condition
         type string ! *
         status string ! *
         observedGeneration int64
         lastTransitionTime time ! *
         reason string ! *
         message string ! *
        ObjectReference
         kind string
         namespace string
         name string
         uid string
         apiVersion string
         resourceVersion string
         fieldPath string
        LocalObjectReference
         name string
        Scale
         metadata ObjectMeta
         spec ScaleSpec
         status ScaleStatus
        ScaleSpec
         replicas int32
        ScaleStatus
         replicas int32 !
         selector string
        """
}
