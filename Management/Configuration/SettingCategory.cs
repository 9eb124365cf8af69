namespace PciBus.Management.Configuration;

/// <summary>What a setting is about; the order is that of the page on settings.</summary>
internal enum SettingCategory
{
    Database,
    Bus,
    Api,
    Hosts,
    VirtualMachines,
    Reconciliation,
}
