/// `ip`, `cidr` and what can be asked of them.
enum NetworkLibrary {
    static let functions: [CELFunction] = addresses + prefixes

    private static func text(_ value: CELValue) throws(CELError) -> String {
        guard case .string(let text) = value else { throw .noOverload }
        return text
    }

    private static func ip(_ value: CELValue) throws(CELError) -> IPAddress {
        guard case .opaque(.ip(let address)) = value else { throw .noOverload }
        return address
    }

    private static func cidr(_ value: CELValue) throws(CELError) -> IPPrefix {
        guard case .opaque(.cidr(let prefix)) = value else { throw .noOverload }
        return prefix
    }

    private static func test(
        _ name: String, _ holds: @escaping @Sendable (IPAddress) -> Bool
    ) -> [CELFunction] {
        CELFunction.define(name, ["ip.() -> bool"]) { a, _ throws(CELError) in
            .bool(holds(try ip(a[0])))
        }
    }

    private static let addresses: [CELFunction] =
        CELFunction.define("ip", ["(string) -> ip", "cidr.() -> ip"], cost: conversion) {
            a, _ throws(CELError) in
            if case .opaque(.cidr(let prefix)) = a[0] { return .opaque(.ip(prefix.address)) }
            return .opaque(.ip(try IPAddress(parsing: try text(a[0]))))
        }
        + CELFunction.define("isIP", ["(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            let text = try text(a[0])
            return .bool((try? IPAddress(parsing: text)) != nil)
        }
        + CELFunction.define(
            "ip.isCanonical", ["(string) -> bool"], cost: CostModel.doubleTraversal
        ) { a, _ throws(CELError) in
            let text = try text(a[0])
            return .bool(CELText.equal(try IPAddress(parsing: text).text, text))
        }
        + CELFunction.define("family", ["ip.() -> int"]) { a, _ throws(CELError) in
            .int(try ip(a[0]).isVersion6 ? 6 : 4)
        }
        + test("isUnspecified") { $0.isUnspecified } + test("isLoopback") { $0.isLoopback }
        + test("isLinkLocalMulticast") { $0.isLinkLocalMulticast }
        + test("isLinkLocalUnicast") { $0.isLinkLocalUnicast }
        + test("isGlobalUnicast") { $0.isGlobalUnicast }

    private static let conversion: CELFunction.Cost = { arguments, _ in
        if case .string?? = arguments.first { return CostModel.traversal(arguments, nil) }
        return 1
    }

    private static func containment(_ isPrefix: Bool) -> CELFunction.Cost {
        { arguments, _ in
            guard arguments.count == 2 else { return 1 }
            let own = CostModel.size(arguments[0])
            var cost = CostModel.scaled(own, 0.2)
            if isPrefix { cost += CostModel.scaled(own, 0.1) + 1 }
            if case .string? = arguments[1] {
                cost += CostModel.scaled(CostModel.size(arguments[1]), 0.1)
            }
            return cost
        }
    }

    private static let prefixes: [CELFunction] =
        CELFunction.define("cidr", ["(string) -> cidr"], cost: CostModel.traversal) {
            a, _ throws(CELError) in .opaque(.cidr(try IPPrefix(parsing: try text(a[0]))))
        }
        + CELFunction.define("isCIDR", ["(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            let text = try text(a[0])
            return .bool((try? IPPrefix(parsing: text)) != nil)
        }
        + CELFunction.define(
            "containsIP", ["cidr.(string) -> bool", "cidr.(ip) -> bool"],
            cost: containment(false)
        ) { a, _ throws(CELError) in
            let prefix = try cidr(a[0])
            if case .string(let text) = a[1] {
                return .bool(prefix.contains(try IPAddress(parsing: text)))
            }
            return .bool(prefix.contains(try ip(a[1])))
        }
        + CELFunction.define(
            "containsCIDR", ["cidr.(string) -> bool", "cidr.(cidr) -> bool"],
            cost: containment(true)
        ) { a, _ throws(CELError) in
            let prefix = try cidr(a[0])
            if case .string(let text) = a[1] {
                return .bool(prefix.contains(try IPPrefix(parsing: text)))
            }
            return .bool(prefix.contains(try cidr(a[1])))
        }
        + CELFunction.define("masked", ["cidr.() -> cidr"]) { a, _ throws(CELError) in
            .opaque(.cidr(try cidr(a[0]).masked))
        }
        + CELFunction.define("prefixLength", ["cidr.() -> int"]) { a, _ throws(CELError) in
            .int(Int64(try cidr(a[0]).length))
        }
}
