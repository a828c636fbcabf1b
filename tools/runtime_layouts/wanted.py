"""Which structures and constants of the Go runtime the generated table keeps."""

import re

# Exact names; a release that lacks one simply has no row for it.
TYPES = """
runtime.g runtime.gobuf runtime.stack runtime.m runtime.p runtime.schedt runtime.sudog runtime.hchan
runtime.waitq runtime.mutex runtime.note runtime.gsignalStack runtime.gList runtime.gQueue
runtime.maybeTraceablePtr runtime.maybeTraceableChan runtime.xRegPerG runtime.xRegState runtime.xRegs
runtime.ancestorInfo runtime.coro runtime._defer runtime._panic
runtime.pollDesc runtime.notifyList runtime.semaRoot runtime.semTable
runtime.timer runtime.timers runtime.timerWhen runtime.timeTimer
runtime.synctestBubble runtime.synctestGroup
runtime.mheap runtime.heapArena runtime.heapArenaPtrScalar runtime.mspan runtime.mSpanList runtime.mcentral runtime.mcache
runtime.spanInlineMarkBits runtime.gcControllerState runtime.persistentAlloc
runtime.special runtime.specialfinalizer runtime.specialCleanup runtime.specialWeakHandle
runtime.specialprofile runtime.specialReachable runtime.specialPinCounter runtime.specialCheckFinalizer
runtime.specialTinyBlock runtime.specialBubble runtime.specialSecret runtime.immortalWeakHandle
runtime.immortalWeakHandleMap runtime.bucket runtime.memRecord runtime.memRecordCycle runtime.pinner runtime.Pinner
runtime.finblock runtime.finBlock runtime.finalizer
runtime.cleanupBlock runtime.cleanupBlockHeader runtime.cleanupFn runtime.cleanupQueue
runtime.moduledata runtime.pcHeader runtime.functab runtime.textsect runtime._func runtime.inlinedCall
runtime.bitvector runtime.stackmap runtime.stackObjectRecord runtime.eface runtime.iface runtime.funcval
runtime.itab runtime.itabTableType runtime._type runtime.maptype runtime.arraytype runtime.chantype
runtime.slicetype runtime.functype runtime.ptrtype runtime.interfacetype runtime.structtype
runtime.structfield runtime.imethod runtime.uncommontype runtime.hmap runtime.bmap runtime.mapextra
internal/abi.Type internal/abi.ITab internal/abi.ArrayType internal/abi.ChanType internal/abi.FuncType
internal/abi.InterfaceType internal/abi.Imethod internal/abi.PtrType internal/abi.SliceType
internal/abi.StructType internal/abi.StructField internal/abi.UncommonType internal/abi.MapType
internal/abi.SwissMapType internal/abi.OldMapType
internal/runtime/maps.Map internal/runtime/maps.table internal/runtime/maps.groupsReference
sync.Mutex sync.RWMutex sync.WaitGroup sync.Cond sync.Once sync.Map sync.Pool sync.poolLocal
sync.poolLocalInternal sync.notifyList internal/sync.Mutex
internal/poll.FD internal/poll.SysFile internal/poll.fdMutex internal/poll.pollDesc
time.Timer time.Ticker time.runtimeTimer
reflect.methodValue reflect.makeFuncImpl reflect.makeFuncCtxt runtime.reflectMethodValue
internal/runtime/pprof/label.Set internal/runtime/pprof/label.Label runtime/pprof.LabelSet runtime/pprof.labelMap runtime/pprof.label
""".split()

# The tables' own users ask for these; a release without one of them is a fault of the probe program.
REQUIRED = """
runtime.g runtime.gobuf runtime.stack runtime.m runtime.p runtime.schedt runtime.sudog runtime.hchan
runtime.waitq runtime.mutex runtime.ancestorInfo runtime._defer runtime._panic runtime.pollDesc
runtime.notifyList runtime.semaRoot runtime.timer runtime.mheap runtime.heapArena runtime.mspan
runtime.mcentral runtime.mcache runtime.gcControllerState runtime.special
runtime.specialfinalizer runtime.specialprofile runtime.bucket runtime.memRecord runtime.memRecordCycle runtime.finalizer
runtime.moduledata
runtime._func runtime.inlinedCall runtime.bitvector runtime.stackmap runtime.stackObjectRecord
runtime.eface runtime.iface sync.Mutex sync.RWMutex sync.WaitGroup sync.Cond internal/poll.FD
internal/poll.fdMutex time.Timer time.Ticker
""".split()

CONSTANTS = re.compile(
    r"runtime\.(_G[a-z]|_GC(off|mark)|_P(idle|running|syscall|gcstop|dead)|mSpan|_KindSpecial|waitReason"
    r"|timer[A-Z]|arenaBaseOffset|arenaL[12]|arenaBits|heapArenaBytes|logHeapArenaBytes|heapAddrBits"
    r"|_?[pP]age(Size|Shift)|minSizeForMallocHeader|mallocHeaderSize|semTabSize|funcID_|funcFlag_"
    r"|_(FUNC|PC)DATA_|_?[nN]um(SpanClasses|SizeClasses)|_?[mM]axSmallSize|_TinySize|tinySpanClass"
    r"|bucketCnt$|evacuated|empty(Rest|One)|minTopHash|pd(Nil|Ready|Wait)|hchanSize|kind[A-Z]|tflag"
    r"|_ArgsSizeUnknown)"
    r"|internal/abi\.(FuncID_|FuncFlag|FUNCDATA_|PCDATA_|Kind|TFlag|MapBucketCount|(Swiss|Old)?Map[A-Z]"
    r"|ZeroTypeSize|FuncPCABI)"
    r"|internal/abi\.(Array|Chan|Func|Interface|Map|Pointer|Slice|String|Struct|UnsafePointer)$"
)


def is_anonymous(name):
    return name.startswith("struct {")


def is_wanted_type(name):
    return name in TYPES or is_anonymous(name)
