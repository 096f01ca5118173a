import KubernetesCore

/// A column of a table and how its cell is made from an object.
struct TableColumn: Sendable {
    var name: String
    var type = "string"
    var format = ""
    var description = ""
    var priority: Int64 = 0
    var cell: @Sendable (JSONValue, Timestamp) -> JSONValue

    init(
        _ name: String, type: String = "string", format: String = "", wide: Bool = false,
        _ cell: @escaping @Sendable (JSONValue, Timestamp) -> JSONValue
    ) {
        self.name = name
        self.type = type
        self.format = format
        self.priority = wide ? 1 : 0
        self.cell = cell
    }

    /// A column that shows the text of one field.
    init(_ name: String, path: [String], otherwise: String = "", wide: Bool = false) {
        self.init(name, wide: wide) { object, _ in
            .string(TableColumn.text(object[path: path]) ?? otherwise)
        }
    }

    /// A column of an additional printer column of a custom resource.
    init(_ column: PrinterColumn) {
        self.init(column.name, type: column.type, format: column.format) { object, now in
            guard let found = column.path.find(in: object).first else { return .null }
            return TableColumn.customCell(found, type: column.type, now: now)
        }
        description = column.description
        priority = column.priority
    }

    var json: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .integer(priority),
        ]
    }

    static let objectName = TableColumn("Name", format: "name") { object, _ in
        object["metadata"]?["name"] ?? ""
    }

    static let age = TableColumn("Age") { object, now in
        .string(HumanDuration.age(object["metadata"]?["creationTimestamp"]?.string, now: now))
    }

    private static func customCell(_ value: JSONValue, type: String, now: Timestamp) -> JSONValue {
        switch (type, value) {
        case ("string", _): text(value).map(JSONValue.string) ?? .null
        case ("integer", .integer): value
        case ("integer", .double(let number)):
            Int64(exactly: number.rounded(.towardZero)).map {
                .integer($0)
            } ?? .null
        case ("number", .integer), ("number", .double): value
        case ("boolean", .bool): value
        case ("date", .string(let text)):
            .string(
                Timestamp(text) == nil ? "<invalid>" : HumanDuration.age(text, now: now))
        default: .null
        }
    }

    /// A value as a cell shows it.
    static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .none, .null: nil
        case .some(let other): other.text
        }
    }
}

/// Tables of objects, as kubectl asks for them.
struct TablePrinter: Sendable {
    /// What of the object each row carries.
    enum Inclusion: String, Sendable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    let columns: [TableColumn]
    let inclusion: Inclusion

    init(_ view: ObjectView, inclusion: Inclusion) {
        self.inclusion = inclusion
        if let custom = view.version.custom {
            let extra =
                custom.columns.isEmpty
                ? [
                    TableColumn("Age", type: "date") { object, now in
                        .string(
                            HumanDuration.age(
                                object["metadata"]?["creationTimestamp"]?.string, now: now))
                    }
                ] : custom.columns.map(TableColumn.init)
            columns = [.objectName] + extra
        } else {
            columns = BuiltInColumns.columns(of: view.definition.storage)
        }
    }

    func table(
        _ objects: [StoredObject], _ view: ObjectView, metadata: JSONValue, at now: Timestamp,
        showsColumns: Bool = true
    ) -> JSONValue {
        [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": .array(showsColumns ? columns.map(\.json) : []),
            "rows": .array(objects.map { row($0, view, at: now) }),
        ]
    }

    private func row(_ object: StoredObject, _ view: ObjectView, at now: Timestamp) -> JSONValue {
        var row: JSONValue = ["cells": .array(columns.map { $0.cell(object.value, now) })]
        switch inclusion {
        case .none: break
        case .metadata: row["object"] = ObjectView.partial(object.metadata)
        case .object: row["object"] = view.value(object)
        }
        if view.definition.resource == .pods, let phase = object.value["status"]?["phase"]?.string,
            phase == "Succeeded" || phase == "Failed"
        {
            row["conditions"] = [
                [
                    "type": "Completed", "status": "True", "reason": .string(phase),
                    "message": phase == "Failed"
                        ? "The pod failed." : "The pod has completed successfully.",
                ]
            ]
        }
        return row
    }
}
