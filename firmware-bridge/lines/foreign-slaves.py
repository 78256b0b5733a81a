# Modbus slaves that others wrote: pymodbus (Debian python3-pymodbus, python3-serial-asyncio).
#   foreign-slaves.py tcp <port>      foreign-slaves.py rtu <serial port>
# Unit 1 is a louver shield, unit 3 a relay board; every write to unit 3's coils is told on standard output.
import asyncio
import sys
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer


class Coils(ModbusSequentialDataBlock):
    def setValues(self, address, values):
        super().setValues(address, values)
        print("coil", address, int(values[0]), flush=True)


def slave(holding, coils=None, inputs=None):
    return ModbusSlaveContext(
        zero_mode=True,
        hr=ModbusSequentialDataBlock(0, holding),
        co=coils or ModbusSequentialDataBlock(0, [0] * 8),
        di=ModbusSequentialDataBlock(0, inputs or [0] * 8),
    )


units = {
    1: slave([615, 243, 0, 0, 0, 1800, 0, 30]),
    3: slave([0], Coils(0, [0] * 8), [1, 1, 0, 0, 0, 0, 0, 0]),
}
context = ModbusServerContext(slaves=units, single=False)
kind, where = sys.argv[1:]
print("ready", flush=True)
if kind == "tcp":
    asyncio.run(StartAsyncTcpServer(context=context, address=("127.0.0.1", int(where))))
else:
    asyncio.run(StartAsyncSerialServer(
        context=context, framer=ModbusRtuFramer, port=where, baudrate=9600, timeout=0.05))
