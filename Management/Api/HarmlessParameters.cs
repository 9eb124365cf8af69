namespace PciBus.Management.Api;

/// <summary>
/// The one list of parameters that clients send although no command here has them, and that are taken: they ask for nothing but what is
/// done anyway. Everything else that a command does not have is refused.
/// </summary>
internal static class HarmlessParameters
{
    /// <summary>Who calls, how the call is signed and how it is answered; and what CloudStack's servers and proxies put in.</summary>
    private static readonly HashSet<string> OfAnyCall = new(StringComparer.OrdinalIgnoreCase)
    {
        "command", "response", "apikey", "signature", "signatureversion", "expires", "sessionkey", "httpmethod", "_",
        "ctxuserid", "ctxaccountid", "ctxstarteventid", "ctxdetails", "cmdeventtype",
    };

    /// <summary>
    /// Of a call that reads. There is one account, so it changes nothing whose rows are listed; and every answer has all its fields.
    /// </summary>
    private static readonly HashSet<string> OfReads = new(StringComparer.OrdinalIgnoreCase)
    {
        "listall", "isrecursive", "details", "fetchlatest", "showicon", "showicons", "showcapacities", "showresourceicon",
        "retrieveonlyresourcecount", "showunique", "accumulate",
    };

    /// <summary>
    /// Parameters that say in CloudStack's words how things are here; another value would ask for something else. Null: any value.
    /// </summary>
    private static readonly Dictionary<(string? Command, string Parameter), string?> AsItIs = new()
    {
        // Clients look once more in all projects, of which there are none.
        [(null, "projectid")] = "-1",
        [("listHosts", "hypervisor")] = "KVM",
        [("listClusters", "hypervisor")] = "KVM",
        [("listVirtualMachines", "hypervisor")] = "KVM",
        [("listZones", "available")] = "true",
        [("listZones", "networktype")] = "Basic",
        // Lists that are not paged have one page.
        [("listApis", "page")] = "1",
        [("listApis", "pagesize")] = null,
        [("listReconciliationJobs", "page")] = "1",
        [("listReconciliationJobs", "pagesize")] = null,
        [("deployVirtualMachine", "hypervisor")] = "KVM",
        [("deployVirtualMachine", "deploymentplanner")] = "FirstFitPlanner",
        [("startVirtualMachine", "deploymentplanner")] = "FirstFitPlanner",
        [("migrateVirtualMachine", "autoselect")] = "true",
        [("createServiceOffering", "deploymentplanner")] = "FirstFitPlanner",
        [("createServiceOffering", "issystem")] = "false",
        [("createServiceOffering", "customized")] = "false",
        [("createServiceOffering", "customizediops")] = "false",
        [("createServiceOffering", "isvolatile")] = "false",
        [("createServiceOffering", "limitcpuuse")] = "false",
        [("createServiceOffering", "storagetype")] = "local",
        // Every template is there for everybody.
        [("registerTemplate", "ispublic")] = "true",
        [("registerTemplate", "isfeatured")] = "false",
        [("registerTemplate", "passwordenabled")] = "false",
    };

    /// <summary>Whether a command takes a parameter that it does not have.</summary>
    /// <param name="only">The one value that would be taken; null for none.</param>
    public static bool Take(ApiCommandDescription command, string parameter, string value, out string? only)
    {
        only = null;
        if (OfAnyCall.Contains(parameter) || (command.OnlyReads && OfReads.Contains(parameter))) return true;
        var name = parameter.ToLowerInvariant();
        if (!AsItIs.TryGetValue((command.Name, name), out only) && !AsItIs.TryGetValue((null, name), out only)) return false;
        return only is null || string.Equals(only, value, StringComparison.OrdinalIgnoreCase);
    }
}
