/// The first place where an applied configuration does not have the shape of its kind: an element
/// twice in a list, an element without its keys, a field that is not declared.
struct PatchShapeFault {
    /// What is wrong, with its path.
    let message: String
    /// The object, as messages name it.
    let subject: String

    init?(in patch: JSONValue, _ shape: TypeShape) {
        guard let message = PatchShapeFault.fault(patch, shape, at: "") else { return nil }
        self.message = message
        let metadata = patch["metadata"]
        let name = metadata?["name"]?.string ?? ""
        let namespace = metadata?["namespace"]?.string ?? ""
        let parts = (patch["apiVersion"]?.string ?? "").split(separator: "/")
        let version = parts.last ?? ""
        let group = parts.count > 1 ? parts[0] : ""
        subject =
            "\(namespace)/\(name); \(group)/\(version), Kind=\(patch["kind"]?.string ?? "")"
    }

    private static func fault(
        _ value: JSONValue, _ shape: TypeShape, at path: String
    ) -> String? {
        guard !shape.isLeaf(value) else { return nil }
        switch value {
        case .object(let members):
            for (key, member) in members {
                let place = path + "." + key
                guard shape.declares(key) else {
                    return place + ": field not declared in schema"
                }
                if let fault = fault(member, shape.member(key).shape, at: place) { return fault }
            }
        case .array(let elements):
            var seen: Set<PathElement> = []
            for (index, element) in elements.enumerated() {
                let step = ShapedValue.step(to: element, index, shape)
                if let fault = keyFault(element, shape) {
                    return path + ": element \(index): " + fault
                }
                guard seen.insert(step).inserted else {
                    return path + ": duplicate entries for key " + step.shown
                }
                if let fault = fault(element, shape.element, at: path + step.shown) {
                    return fault
                }
            }
        default: break
        }
        return nil
    }

    private static func keyFault(_ element: JSONValue, _ shape: TypeShape) -> String? {
        guard case .keyed(_, let keys, let defaults) = shape.structure else { return nil }
        guard element.object != nil else {
            return "associative list with keys may not have non-map elements"
        }
        for key in keys where element[key] == nil && defaults[key] == nil {
            return "associative list with keys has an element that omits key field "
                + GoText.quote(key) + " (and doesn't have default value)"
        }
        return nil
    }
}
