# Sparkplug B payloads as a library of others writes them: google.protobuf (Debian python3-protobuf), with the
# fields and types of the specification (3.0, section 6.4). Prints {"name": "hex"}.
import json
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

U32, U64, FLOAT, DOUBLE, BOOL, STRING, BYTES, MESSAGE = 13, 4, 2, 1, 8, 9, 12, 11
file = descriptor_pb2.FileDescriptorProto(name="payload", package="s", syntax="proto2")


def message(name, *fields):
    out = file.message_type.add(name=name)
    for field, number, kind, *more in fields:
        one = out.field.add(name=field, number=number, type=kind, label=3 if "list" in more else 1)
        if kind == MESSAGE:
            one.type_name = ".s." + more[0]


message("Bag", ("keys", 1, STRING, "list"), ("columns", 2, STRING, "list"))
message("Metric", ("name", 1, STRING), ("alias", 2, U64), ("timestamp", 3, U64), ("datatype", 4, U32),
        ("is_historical", 5, BOOL), ("is_transient", 6, BOOL), ("is_null", 7, BOOL),
        ("properties", 9, MESSAGE, "Bag"), ("int_value", 10, U32), ("long_value", 11, U64),
        ("float_value", 12, FLOAT), ("double_value", 13, DOUBLE), ("boolean_value", 14, BOOL),
        ("string_value", 15, STRING), ("bytes_value", 16, BYTES), ("dataset_value", 17, MESSAGE, "Bag"))
message("Payload", ("timestamp", 1, U64), ("metrics", 2, MESSAGE, "Metric", "list"), ("seq", 3, U64),
        ("uuid", 4, STRING), ("body", 5, BYTES))

pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Payload = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("s.Payload"))
T = 1777622400000


def payload(seq, *metrics):
    out = Payload(timestamp=T)
    if seq is not None:
        out.seq = seq
    for fields in metrics:
        one = out.metrics.add()
        for key, value in fields.items():
            if key == "properties":
                one.properties.keys.extend(value)
            else:
                setattr(one, key, value)
    return out.SerializeToString().hex()


print(json.dumps({
    "birth": payload(0, dict(name="bdSeq", timestamp=T, datatype=4, long_value=7),
                     dict(name="Node Control/Rebirth", timestamp=T, datatype=11, boolean_value=False),
                     dict(name="Mains", alias=2**64 - 1, timestamp=T, datatype=11, boolean_value=True)),
    "silo": payload(1, dict(name="Level", alias=1, timestamp=T, datatype=9, float_value=812.5,
                            properties=["engUnit"]),
                    dict(name="Outside", alias=2, timestamp=T, datatype=2, int_value=(-12) & 0xFFFF),
                    dict(name="Wide", alias=3, timestamp=T, datatype=4, long_value=(-5) & (2**64 - 1)),
                    dict(name="Total", alias=4, timestamp=T, datatype=8, long_value=123456789012),
                    dict(name="Recipe", alias=5, timestamp=T, datatype=12, string_value="starter"),
                    dict(name="Probe", alias=6, timestamp=T, datatype=10, is_null=True)),
    "data": payload(2, dict(alias=1, timestamp=T + 1000, float_value=800.25),
                    dict(alias=2, timestamp=T + 1000, int_value=(-13) & 0xFFFFFFFF)),
    "history": payload(3, dict(alias=1, timestamp=T - 3600000, is_historical=True, float_value=900)),
    "death": payload(None, dict(name="bdSeq", timestamp=T, datatype=4, long_value=7)),
    "everything": payload(255, dict(name="x", datatype=17, bytes_value=b"\x00\xff"), dict(name="y", datatype=16)),
}))
