using System.Globalization;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>
/// Gets devices out of a running domain: all at once, with one deadline. What the calls return is no evidence, nor are events alone, which
/// may be lost: a device is removed when the domain does not show it any more.
/// </summary>
internal sealed class DeviceDetacher(IHypervisor hypervisor, CommandJournal journal, TimeProvider timeProvider)
{
    private const int MostFailures = 3;

    /// <summary>
    /// A guest that was not up yet has not heard the request: it is asked again at these times after the first, and when its agent tells
    /// that it has booted.
    /// </summary>
    private static readonly TimeSpan[] AskAgain =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)];

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    /// <summary>Tells the command what became of each device: Removed, Refused, Pending or Failed.</summary>
    public async Task DetachAsync(
        RunningCommand running, IReadOnlyList<PciAddress> devices, TimeSpan wait, CancellationToken cancellationToken)
    {
        var vmUuid = running.Command.VmUuid;
        journal.Ask(vmUuid, devices);
        var began = timeProvider.GetUtcNow();
        // A timestamp, as the clock may be set meanwhile.
        var start = timeProvider.GetTimestamp();
        var requests = devices.Select(device => new Request(device)).ToArray();
        var open = requests.ToList();
        Domain? domain = null;
        foreach (var request in open) running.Tell(request.Device, HotplugState.Detaching, began);
        void Hear(DeviceEvent happened)
        {
            if (happened.DomainUuid != vmUuid) return;
            var request = Array.Find(requests, request => request.Device == happened.Device);
            if (request is not null && !happened.Removed) request.Refused = true;
            running.Wake.Set();
        }

        hypervisor.DeviceChanged += Hear;
        try
        {
            while (true)
            {
                var passed = timeProvider.GetElapsedTime(start);
                foreach (var request in open.Where(request => request.Call.IsCompleted && request.IsDue(passed)).ToList())
                {
                    request.Call = AskAsync(running, request, cancellationToken);
                }

                var before = domain;
                domain = await SettleAsync(running, open, began, cancellationToken) ?? before;
                var hasBooted = before is { GuestAgent: false } && domain is { GuestAgent: true };
                foreach (var request in open) request.Unheard |= hasBooted;
                if (open.Count == 0) return;
                if (passed >= wait || running.GivenUp is not null) break;
                await running.Wake.WaitAsync(wait - passed < Round ? wait - passed : Round, cancellationToken);
            }
        }
        finally
        {
            hypervisor.DeviceChanged -= Hear;
        }

        var deaf = domain switch
        {
            { State: not DomainState.Running } => $": domain {domain.Name} is {domain.State}",
            { GuestAgent: true } => ", and is up: its guest agent is connected",
            _ => "",
        };
        var waited = running.GivenUp ?? string.Create(
            CultureInfo.InvariantCulture,
            $"the guest has not let go of it after {timeProvider.GetElapsedTime(start).TotalSeconds:0.#} s{deaf}");
        foreach (var request in open)
        {
            // The guest was asked, if only by a call that has not come back: it may let go at any later moment.
            if (request.Heard || !request.Call.IsCompleted) running.Tell(request.Device, HotplugState.Pending, began, waited);
            else running.Tell(request.Device, HotplugState.Failed, began, request.Trouble ?? waited);
        }
    }

    /// <summary>Takes those devices out of the open ones whose fate is known.</summary>
    /// <returns>The domain as it is; null when there is none, or the hypervisor could not be asked.</returns>
    private async Task<Domain?> SettleAsync(
        RunningCommand running, List<Request> open, DateTimeOffset began, CancellationToken cancellationToken)
    {
        Domain? domain;
        try
        {
            domain = await hypervisor.FindDomainAsync(running.Command.VmUuid, cancellationToken);
        }
        catch (HypervisorException)
        {
            // The hypervisor does not answer: nothing is known in this round.
            return null;
        }

        foreach (var request in open.ToList())
        {
            var device = request.Device;
            if (domain?.PciDevices.Contains(device) != true) running.Tell(device, HotplugState.Removed, began);
            else if (request.Refused) running.Tell(device, HotplugState.Refused, began, "the guest refuses to let go of it");
            else if (request.HasFailed) running.Tell(device, HotplugState.Failed, began, request.Trouble);
            else continue;
            open.Remove(request);
        }

        return domain;
    }

    private async Task AskAsync(RunningCommand running, Request request, CancellationToken cancellationToken)
    {
        request.Tries++;
        request.Unheard = false;
        try
        {
            await hypervisor.DetachDeviceAsync(running.Command.VmUuid, request.Device, cancellationToken);
            request.Heard = true;
        }
        catch (HypervisorException e)
        {
            request.Trouble = e.Message;
            // The request may have gone through before the connection broke.
            if (e.OutcomeUnknown) request.Heard = true;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        running.Wake.Set();
    }

    private sealed class Request(PciAddress device)
    {
        public PciAddress Device => device;

        public int Tries { get; set; }

        /// <summary>The hypervisor took the request at least once.</summary>
        public bool Heard { get; set; }

        public bool Refused { get; set; }

        /// <summary>The guest has booted since it was asked: it knows of no request.</summary>
        public bool Unheard { get; set; }

        public string? Trouble { get; set; }

        public Task Call { get; set; } = Task.CompletedTask;

        public bool HasFailed => !Heard && Tries >= MostFailures && Call.IsCompleted;

        public bool IsDue(TimeSpan passed) =>
            Tries == 0 || Unheard || (Tries <= AskAgain.Length && passed >= AskAgain[Tries - 1]);
    }
}
