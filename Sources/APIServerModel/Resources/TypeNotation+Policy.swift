extension TypeNotation {
    static let access = """
        Role
         metadata ObjectMeta
         rules [PolicyRule] ! *
        ClusterRole
         metadata ObjectMeta
         rules [PolicyRule] ! *
         aggregationRule any
        PolicyRule
         verbs [string] ! *
         apiGroups [string]
         resources [string]
         resourceNames [string]
         nonResourceURLs [string]
        RoleBinding
         metadata ObjectMeta
         subjects [Subject]
         roleRef RoleRef ! *
        ClusterRoleBinding
         metadata ObjectMeta
         subjects [Subject]
         roleRef RoleRef ! *
        Subject
         kind string ! *
         apiGroup string
         name string ! *
         namespace string
        RoleRef
         apiGroup string !
         kind string ! *
         name string ! *
        TokenRequest
         metadata ObjectMeta !
         spec TokenRequestSpec ! *
         status TokenRequestStatus !
        TokenRequestSpec
         audiences [string] !
         expirationSeconds int64 ? =3600
         boundObjectRef BoundObjectReference !
        BoundObjectReference
         kind string
         apiVersion string
         name string
         uid string
        TokenRequestStatus
         token string !
         expirationTimestamp time !
        TokenReview
         metadata ObjectMeta !
         spec TokenReviewSpec ! *
         status any !
        TokenReviewSpec
         token string
         audiences [string]
        SubjectAccessReview
         metadata ObjectMeta !
         spec SubjectAccessReviewSpec ! *
         status any !
        SelfSubjectAccessReview
         metadata ObjectMeta !
         spec SubjectAccessReviewSpec ! *
         status any !
        LocalSubjectAccessReview
         metadata ObjectMeta !
         spec SubjectAccessReviewSpec ! *
         status any !
        SubjectAccessReviewSpec
         resourceAttributes ResourceAttributes
         nonResourceAttributes NonResourceAttributes
         user string
         groups [string]
         extra {any}
         uid string
        ResourceAttributes
         namespace string
         verb string
         group string
         version string
         resource string
         subresource string
         name string
         fieldSelector any
         labelSelector any
        NonResourceAttributes
         path string
         verb string
        SelfSubjectRulesReview
         metadata ObjectMeta !
         spec SelfSubjectRulesReviewSpec ! *
         status any !
        SelfSubjectRulesReviewSpec
         namespace string
        SelfSubjectReview
         metadata ObjectMeta !
         status any !
        """

    static let policy = """
        Lease
         metadata ObjectMeta
         spec LeaseSpec !
        LeaseSpec
         holderIdentity string ?
         leaseDurationSeconds int32 ?
         acquireTime microTime
         renewTime microTime
         leaseTransitions int32 ?
         strategy string ?
         preferredHolder string ?
        NetworkPolicy
         metadata ObjectMeta
         spec NetworkPolicySpec !
        NetworkPolicySpec
         podSelector LabelSelector !
         ingress [NetworkPolicyIngressRule]
         egress [NetworkPolicyEgressRule]
         policyTypes [string]
        NetworkPolicyIngressRule
         ports [NetworkPolicyPort]
         from [NetworkPolicyPeer]
        NetworkPolicyEgressRule
         ports [NetworkPolicyPort]
         to [NetworkPolicyPeer]
        NetworkPolicyPort
         protocol string ? =TCP
         port intOrString
         endPort int32 ?
        NetworkPolicyPeer
         podSelector LabelSelector
         namespaceSelector LabelSelector
         ipBlock IPBlock
        IPBlock
         cidr string ! *
         except [string]
        PodDisruptionBudget
         metadata ObjectMeta
         spec PodDisruptionBudgetSpec !
         status PodDisruptionBudgetStatus !
        PodDisruptionBudgetSpec
         minAvailable intOrString
         selector LabelSelector
         maxUnavailable intOrString
         unhealthyPodEvictionPolicy string ?
        PodDisruptionBudgetStatus
         observedGeneration int64
         disruptedPods {time}
         disruptionsAllowed int32 !
         currentHealthy int32 !
         desiredHealthy int32 !
         expectedPods int32 !
         conditions [Condition] @type
        Eviction
         metadata ObjectMeta
         deleteOptions DeleteOptions
        DeleteOptions
         kind string
         apiVersion string
         gracePeriodSeconds int64 ?
         preconditions Preconditions
         orphanDependents bool ?
         propagationPolicy string ?
         dryRun [string]
         ignoreStoreReadErrorWithClusterBreakingPotential bool ?
        Preconditions
         uid string ?
         resourceVersion string ?
        PriorityClass
         metadata ObjectMeta
         value int32 ! *
         globalDefault bool
         description string
         preemptionPolicy string ? =PreemptLowerPriority
        RuntimeClass
         metadata ObjectMeta
         handler string ! *
         overhead any
         scheduling any
        StorageClass
         metadata ObjectMeta
         provisioner string ! *
         parameters {string}
         reclaimPolicy string ? =Delete
         mountOptions [string]
         allowVolumeExpansion bool ?
         volumeBindingMode string ? =Immediate
         allowedTopologies any
        """

    static let extensions = """
        EventsEvent
         metadata ObjectMeta
         eventTime microTime !
         series any
         reportingController string
         reportingInstance string
         action string
         reason string
         regarding ObjectReference
         related ObjectReference
         note string
         type string
         deprecatedSource EventSource !
         deprecatedFirstTimestamp time !
         deprecatedLastTimestamp time !
         deprecatedCount int32
        EndpointSlice
         metadata ObjectMeta
         addressType string ! *
         endpoints [any] !
         ports [any] !
        CustomResourceDefinition
         metadata ObjectMeta
         spec CustomResourceDefinitionSpec ! *
         status CustomResourceDefinitionStatus !
        CustomResourceDefinitionSpec
         group string ! *
         names CustomResourceDefinitionNames ! *
         scope string ! *
         versions [CustomResourceDefinitionVersion] ! *
         conversion any
         preserveUnknownFields bool
        CustomResourceDefinitionNames
         plural string ! *
         singular string
         shortNames [string]
         kind string ! *
         listKind string
         categories [string]
        CustomResourceDefinitionVersion
         name string ! *
         served bool ! *
         storage bool ! *
         deprecated bool
         deprecationWarning string ?
         schema CustomResourceValidation
         subresources any
         additionalPrinterColumns [CustomResourceColumnDefinition]
         selectableFields [SelectableField]
        CustomResourceValidation
         openAPIV3Schema any
        CustomResourceColumnDefinition
         name string ! *
         type string ! *
         format string
         description string
         priority int32
         jsonPath string ! *
        SelectableField
         jsonPath string ! *
        CustomResourceDefinitionStatus
         conditions [CustomResourceDefinitionCondition] ! @type
         acceptedNames CustomResourceDefinitionNames !
         storedVersions [string] !
         observedGeneration int64
        CustomResourceDefinitionCondition
         type string ! *
         status string ! *
         lastTransitionTime time
         reason string
         message string
         observedGeneration int64
        FreeSpecObject
         metadata ObjectMeta
         spec any
         status any
        """
}
