using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.ServiceOfferings;

/// <summary>Creates service offerings and takes them off the shelf.</summary>
internal sealed class ServiceOfferingManager(PciBusDbContext database, IDeviceNames deviceNames, EventManager events)
{
    /// <summary>Adds an offering. It may name devices that no host has reported yet: automation creates offerings first.</summary>
    /// <returns>Why it is not made; and the names in its list that no device has, in order.</returns>
    public async Task<(Refusal? Refusal, IReadOnlyList<string> UnknownNames)> CreateAsync(
        ServiceOffering offering, Caller caller, CancellationToken cancellationToken)
    {
        if (deviceNames.WhyNotList(offering.PciDevices) is { } why) return (Refusal.InvalidParameter(why), []);
        database.Add(offering);
        await database.SaveChangesAsync(cancellationToken);
        Record(EventTypes.ServiceOfferingCreate, offering, $"service offering {offering.Name} was created", caller);
        var unknown = await deviceNames.UnknownAsync(offering.PciDevices, cancellationToken);
        if (unknown.Count > 0)
        {
            Record(
                EventTypes.ServiceOfferingCreate,
                offering,
                $"service offering {offering.Name} names devices that no host has reported: {string.Join(", ", unknown)}",
                caller,
                EventLevel.WARN);
        }

        return (null, unknown);
    }

    /// <summary>Deletes an offering: no new virtual machine is made of it. Those made before go on, so its row stays.</summary>
    public async Task<Refusal?> DeleteAsync(long offeringId, Caller caller, CancellationToken cancellationToken)
    {
        var offering = await database.Set<ServiceOffering>().SingleAsync(row => row.Id == offeringId, cancellationToken);
        if (offering.State == ServiceOfferingState.Inactive) return null;
        offering.State = ServiceOfferingState.Inactive;
        Record(EventTypes.ServiceOfferingDelete, offering, $"service offering {offering.Name} was deleted", caller);
        return null;
    }

    private void Record(
        string type, ServiceOffering offering, string description, Caller caller, EventLevel level = EventLevel.INFO) =>
        events.Record(type, description, caller, nameof(ServiceOffering), offering.Id, level);
}
