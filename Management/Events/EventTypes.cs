namespace PciBus.Management.Events;

/// <summary>Types of events; CloudStack's names, and PciBus's own for its devices.</summary>
internal static class EventTypes
{
    public const string VmCreate = "VM.CREATE";
    public const string VmStart = "VM.START";
    public const string VmStop = "VM.STOP";
    public const string VmReboot = "VM.REBOOT";
    public const string MaintenancePrepare = "MAINT.PREPARE";
    public const string MaintenanceCancel = "MAINT.CANCEL";
    public const string VmMigrate = "VM.MIGRATE";
    public const string VmMigrateCancel = "VM.MIGRATE.CANCEL";
    public const string VmDegraded = "VM.DEGRADED";
    public const string VmRepair = "VM.REPAIR";
    public const string PciDeviceAttach = "PCI.DEVICE.ATTACH";
    public const string PciDeviceDetach = "PCI.DEVICE.DETACH";
    public const string VmDestroy = "VM.DESTROY";
    public const string VmExpunge = "VM.EXPUNGE";
    public const string ZoneEdit = "ZONE.EDIT";
    public const string PodEdit = "POD.EDIT";
    public const string ClusterEdit = "CLUSTER.EDIT";
    public const string HostAdd = "HOST.ADD";
    public const string HostUpdate = "HOST.UPDATE";
    public const string HostDelete = "HOST.DELETE";
    public const string HostDisconnect = "HOST.DISCONNECT";
    public const string HostReconnect = "HOST.RECONNECT";
    public const string HostDeclareDegraded = "HOST.DECLARE.DEGRADED";
    public const string HostCancelDegraded = "HOST.CANCEL.DEGRADED";
    public const string HostDown = "HOST.DOWN";
    public const string HostJoinTokenCreate = "HOST.JOIN.TOKEN.CREATE";
    public const string HostJoinTokenDelete = "HOST.JOIN.TOKEN.DELETE";
    public const string ServiceOfferingCreate = "SERVICE.OFFERING.CREATE";
    public const string ServiceOfferingDelete = "SERVICE.OFFERING.DELETE";
    public const string TemplateCreate = "TEMPLATE.CREATE";
    public const string PciDeviceUpdate = "PCI.DEVICE.UPDATE";
    public const string PciDeviceEnable = "PCI.DEVICE.ENABLE";
    public const string PciDeviceDisable = "PCI.DEVICE.DISABLE";
    public const string PciDeviceRelease = "PCI.DEVICE.RELEASE";
}
